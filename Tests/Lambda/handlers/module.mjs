import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';

const ready = await Promise.resolve('module');
export const handler = async (event) => ({ ...event, by: ready, ses: [typeof SESClient, typeof SendEmailCommand] });
