import { SendEmailCommand } from '@aws-sdk/client-ses';

export async function handler(event) {
  return { ...event, by: 'export', ses: typeof SendEmailCommand };
}
