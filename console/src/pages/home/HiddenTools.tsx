// Tells the navigation which ML tools the person's profile hides. It shows nothing, and is loaded
// apart: it costs the first page no bytes.
import { DescribeDomainCommand, DescribeUserProfileCommand } from "@aws-sdk/client-sagemaker";
import { useEffect } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useGathered } from "~/aws/useCall";
import { hiddenFromAll, hiddenOf } from "~/studio/portal/portal";
import { type Me, useMine } from "./mine";

export default function HiddenTools({ onTold }: { onTold: (tools: string[]) => void }) {
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
    if (tools) onTold(tools);
    else if (isNobody || hidden.problem) onTold([]);
  }, [tools, isNobody, hidden.problem, onTold]);
  return null;
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
