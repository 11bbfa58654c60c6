// The road into an app: is it there, start it, wait until it is well, ask for its URL, go there.
import {
  CreateAppCommand,
  CreatePresignedDomainUrlCommand,
  DescribeAppCommand,
} from "@aws-sdk/client-sagemaker";
import { useEffect, useReducer, useState } from "react";
import { type Problem, problemOf } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Step, shown } from "~/aws/useSteps";

interface Goal {
  domainId: string;
  userProfileName: string;
  spaceName: string;
}

const PLAN = [
  { text: "Looking for the app" },
  { text: "Starting JupyterLab" },
  { text: "Asking for its address" },
  { text: "Going there" },
];
const LOOK_MS = 1000;
const WAIT_MS_MAX = 5 * 60 * 1000;

export function useOpening(goal: Goal): {
  steps: Step[];
  problem: Problem | undefined;
  again: () => void;
} {
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState<Problem>();
  const [turn, again] = useReducer((n: number) => n + 1, 0);
  const { domainId, userProfileName, spaceName } = goal;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` begins it once more
  useEffect(() => {
    const leaving = new AbortController();
    setProblem(undefined);
    setAt(0);
    open({ domainId, userProfileName, spaceName }, leaving.signal, setAt).catch((error) => {
      if (!leaving.signal.aborted) setProblem(problemOf(error));
    });
    return () => leaving.abort();
  }, [domainId, userProfileName, spaceName, turn]);

  const steps = shown(PLAN, at, problem ? "failed" : "running");
  return { steps, problem, again };
}

async function open(goal: Goal, signal: AbortSignal, tell: (step: number) => void): Promise<void> {
  const { domainId: DomainId, userProfileName: UserProfileName, spaceName: SpaceName } = goal;
  const owner = SpaceName ? { SpaceName } : { UserProfileName };
  const app = { DomainId, AppType: "JupyterLab" as const, AppName: "default", ...owner };
  const status = await statusOf(app, signal);
  tell(1);
  if (status !== "InService" && status !== "Pending") {
    await sagemaker.send(CreateAppCommand, app, signal);
  }
  await untilReady(app, signal);
  tell(2);
  const { AuthorizedUrl } = await sagemaker.send(
    CreatePresignedDomainUrlCommand,
    {
      DomainId,
      UserProfileName,
      LandingUri: "app:JupyterLab:lab",
      ...(SpaceName ? { SpaceName } : {}),
    },
    signal,
  );
  tell(3);
  if (AuthorizedUrl && !signal.aborted) location.replace(AuthorizedUrl);
}

type App = { DomainId: string; AppType: "JupyterLab"; AppName: string };

async function statusOf(app: App, signal: AbortSignal): Promise<string> {
  try {
    const { Status } = await sagemaker.send(DescribeAppCommand, app, signal);
    if (Status === "Deleting") await untilGone(app, signal);
    return Status ?? "Deleted";
  } catch (error) {
    if (problemOf(error).kind === "missing") return "Deleted";
    throw error;
  }
}

async function untilReady(app: App, signal: AbortSignal): Promise<void> {
  await until(signal, async () => {
    const { Status, FailureReason } = await sagemaker.send(DescribeAppCommand, app, signal);
    if (Status === "Failed" || Status === "Deleted") {
      throw new Error(FailureReason || `The app is ${Status}.`);
    }
    return Status === "InService";
  });
}

async function untilGone(app: App, signal: AbortSignal): Promise<void> {
  await until(signal, async () => {
    const { Status } = await sagemaker.send(DescribeAppCommand, app, signal);
    return Status !== "Deleting";
  });
}

async function until(signal: AbortSignal, test: () => Promise<boolean>): Promise<void> {
  const last = Date.now() + WAIT_MS_MAX;
  while (!(await test())) {
    if (Date.now() > last) throw new Error("It did not become ready within five minutes.");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    signal.throwIfAborted();
  }
}
