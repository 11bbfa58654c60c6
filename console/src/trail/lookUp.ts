// Looking up CloudTrail's history page by page, newest first, until enough was found. What AWS has no
// attribute for (refused only, a second resource) is sifted here, and how far was read is told.
import { LookupEventsCommand, type LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import { cloudtrail } from "~/aws/services/cloudtrail";
import { type Seen, seen } from "./event";

export interface Found {
  events: Seen[];
  /** How many events were read for it, and the token of what is older; undefined: there is no more. */
  read: number;
  next: string | undefined;
}

export interface LookUp {
  input: LookupEventsCommandInput;
  fits?: (event: Seen) => boolean;
  /** Stop once so many fit, or after so many pages of fifty. */
  enough: number;
  pagesMax: number;
}

export async function lookUp(
  { input, fits = () => true, enough, pagesMax }: LookUp,
  from?: string,
  signal?: AbortSignal,
  partly?: (found: Found) => void,
): Promise<Found> {
  const found: Found = { events: [], read: 0, next: from };
  for (let page = 0; page < pagesMax; page++) {
    const asked = found.next ? { ...input, NextToken: found.next } : input;
    const answer = await cloudtrail.send(LookupEventsCommand, asked, signal);
    const events = (answer.Events ?? []).map(seen);
    found.read += events.length;
    found.events = found.events.concat(events.filter(fits));
    found.next = answer.NextToken;
    if (!found.next || found.events.length >= enough) break;
    partly?.({ ...found });
  }
  return found;
}

/** The one event of a request id; undefined where the history does not hold it. */
export async function eventOf(id: string, signal?: AbortSignal): Promise<Seen | undefined> {
  const LookupAttributes = [{ AttributeKey: "EventId" as const, AttributeValue: id }];
  const answer = await cloudtrail.send(LookupEventsCommand, { LookupAttributes }, signal);
  const first = answer.Events?.[0];
  return first && seen(first);
}
