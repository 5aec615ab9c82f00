import nothing from 'there-is-no-such-package';
export const handler = async () => nothing;
