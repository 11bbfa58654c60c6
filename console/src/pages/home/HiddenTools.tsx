// Tells the navigation which ML tools the person's profile hides. It shows nothing, and is loaded
// apart: it costs the first page no bytes.
import { DescribeDomainCommand, DescribeUserProfileCommand } from "@aws-sdk/client-sagemaker";
import { useEffect, useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useGathered } from "~/aws/useCall";
import { hiddenFromAll, hiddenOf } from "~/studio/portal/portal";
import { type Me, useMine } from "./mine";

const PLACE = "freehold.hidden-tools"; // of this tab and person: see session/kept.ts
const HOLDS_MS = 10 * 60_000; // pages are loaded often, and settings changed seldom

interface ToldTo {
  onTold: (tools: string[]) => void;
}

export default function HiddenTools({ onTold }: ToldTo) {
  const [kept] = useState(remembered);
  useEffect(() => {
    if (kept) onTold(kept);
  }, [kept, onTold]);
  return kept ? null : <Asked onTold={onTold} />;
}

function Asked({ onTold }: ToldTo) {
  const mine = useMine();
  const profiles = mine.data?.profiles ?? [];
  const key = profiles.map((me) => `${me.domainId}/${me.userProfileName}`).join(" ");
  const hidden = useGathered(
    `sagemaker hidden tools ${key}`,
    async (signal) =>
      hiddenFromAll(await Promise.all(profiles.map((me) => hiddenFrom(me, signal)))),
    { skip: !profiles.length },
  );
  const isNobody = mine.problem !== undefined || (mine.at > 0 && !profiles.length);
  const tools = hidden.data?.tools;
  useEffect(() => {
    const found = tools ?? (isNobody || hidden.problem ? [] : undefined);
    if (!found) return;
    remember(found);
    onTold(found);
  }, [tools, isNobody, hidden.problem, onTold]);
  return null;
}

function remember(tools: string[]): void {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ tools, at: Date.now() }));
  } catch {
    // Forbidden: then it is asked again.
  }
}

function remembered(): string[] | undefined {
  try {
    const { tools, at } = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    return Array.isArray(tools) && Date.now() - at < HOLDS_MS ? tools : undefined;
  } catch {
    return undefined;
  }
}

async function hiddenFrom({ domainId: DomainId, userProfileName }: Me, signal: AbortSignal) {
  const [profile, domain] = await Promise.all([
    sagemaker.send(
      DescribeUserProfileCommand,
      { DomainId, UserProfileName: userProfileName },
      signal,
    ),
    // Who may not see the domain sees all its tools: hiding tidies up, it forbids nothing.
    sagemaker.send(DescribeDomainCommand, { DomainId }, signal).catch(() => undefined),
  ]);
  return hiddenOf(domain, profile);
}
