// Who is signed in, told to everybody who asks: one store for the page, nothing in localStorage.
// Keys are renewed before they end; when that is refused, whoever needs keys waits for a new sign-in.
// A page is one person's: for anybody else it is loaded anew, and what waits is never sent as theirs.
import {
  begin,
  end,
  type Given,
  type Identity,
  type Keys,
  Refusal,
  renew,
  type SignIn,
} from "./exchange";
import { keepFor } from "./kept";
import { shortName } from "./shortName";

export type SessionState =
  | { status: "unknown" }
  | { status: "out" }
  | { status: "in"; identity: Identity }
  /** Ended under the page: its state stays, and a dialog asks to sign in again. */
  | { status: "ended"; identity: Identity; why: string };

const RENEW_BEFORE_MS = 5 * 60 * 1000;

let state: SessionState = { status: "unknown" };
let held: Given | null = null;
/** Counts sign-ins and forced renewals: clients made for an earlier one are not used again. */
let generation = 0;
let renewing: Promise<Keys> | null = null;
let waiting: Array<(keys: Keys) => void> = [];
const listeners = new Set<() => void>();

export const session = {
  state: (): SessionState => state,
  generation: (): number => generation,
  clockOffset: (): number => held?.clockOffset ?? 0,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  /** At the start of the page: are we signed in by the cookie? */
  async resume(): Promise<void> {
    try {
      takeRenewed(await renew());
    } catch (refusal) {
      if (refusal instanceof Refusal && refusal.status === 0) throw refusal;
      become({ status: "out" });
    }
  },

  async signIn(how: SignIn): Promise<void> {
    const given = await begin(how);
    // Somebody else: nothing of the former person's page may stay, nor go on with these keys.
    if (isAnother(given)) location.reload();
    else take(given);
  },

  async signOut(): Promise<void> {
    await end();
    location.reload(); // and nothing that the page holds in memory outlives it
  },

  /** Keys that hold for some minutes yet. Waits for a new sign-in where the session has ended. */
  async keys(): Promise<Keys> {
    if (held && held.keys.expiration.getTime() - serverNow() > RENEW_BEFORE_MS) return held.keys;
    return fresh();
  },

  /** The server does not know our keys any more: get others, or ask the person. */
  async refused(): Promise<void> {
    held = held && { ...held, keys: { ...held.keys, expiration: new Date(0) } };
    await fresh();
  },
};

const serverNow = (): number => Date.now() + (held?.clockOffset ?? 0);

function fresh(): Promise<Keys> {
  if (state.status === "ended") return nextSignIn();
  renewing ??= renew()
    .then((given) => (takeRenewed(given) ? given.keys : nextSignIn()))
    .catch((refusal: unknown) => {
      if (!(refusal instanceof Refusal) || refusal.status !== 401) throw refusal;
      const identity = held?.identity;
      if (!identity) {
        become({ status: "out" });
        throw refusal;
      }
      become({ status: "ended", identity, why: refusal.message });
      return nextSignIn();
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

function nextSignIn(): Promise<Keys> {
  return new Promise((resolve) => waiting.push(resolve));
}

/** The cookie is the browser's, not the page's: in another tab somebody else may have signed in. */
function takeRenewed(given: Given): boolean {
  if (!held || !isAnother(given)) {
    take(given);
    return true;
  }
  const why = `${shortName(given.identity.arn)} signed in in another tab of this browser.`;
  become({ status: "ended", identity: held.identity, why });
  return false;
}

function isAnother({ identity }: Given): boolean {
  const mine = held?.identity;
  return !!mine && (mine.arn !== identity.arn || mine.origin !== identity.origin);
}

function take(given: Given): void {
  keepFor(`${given.identity.arn} ${given.identity.origin ?? ""}`);
  held = given;
  generation += 1;
  become({ status: "in", identity: given.identity });
  const woken = waiting;
  waiting = [];
  for (const resolve of woken) resolve(given.keys);
}

function become(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}
