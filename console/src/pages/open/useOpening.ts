// The road into an app: is it there, start it, wait until it is well, ask for its URL, go there.
// It starts only what a person chose to: whoever came by a link is asked first.
import {
  type AppInstanceType,
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
  /** To start it on; "": as the settings in force say. */
  instanceType: string;
}

const PLAN = [
  { text: "Looking for the app" },
  { text: "Starting JupyterLab" },
  { text: "Asking for its address" },
  { text: "Going there" },
];
const LOOK_MS = 1000;
const WAIT_MS_MAX = 5 * 60 * 1000;

export function useOpening(
  goal: Goal,
  isChosen: boolean,
): {
  steps: Step[];
  problem: Problem | undefined;
  again: () => void;
  /** What the app says of itself while it starts, such as when it tries again. */
  note: string;
  /** Nothing runs, and nobody said that it shall. */
  isAsking: boolean;
  /** It shall. */
  start: () => void;
} {
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState<Problem>();
  const [turn, again] = useReducer((n: number) => n + 1, 0);
  const [note, setNote] = useState("");
  const [mayStart, setMayStart] = useState(isChosen);
  const [isAsking, ask] = useState(false);
  const { domainId, userProfileName, spaceName, instanceType } = goal;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` begins it once more
  useEffect(() => {
    const leaving = new AbortController();
    setProblem(undefined);
    setAt(0);
    ask(false);
    const asked = { domainId, userProfileName, spaceName, instanceType };
    open(asked, mayStart, leaving.signal, { step: setAt, note: setNote })
      .then((hasStopped) => ask(hasStopped && !leaving.signal.aborted))
      .catch((error) => {
        if (!leaving.signal.aborted) setProblem(problemOf(error));
      });
    return () => leaving.abort();
  }, [domainId, userProfileName, spaceName, instanceType, mayStart, turn]);

  const steps = shown(PLAN, at, problem ? "failed" : isAsking ? "waiting" : "running");
  return { steps, problem, again, note, isAsking, start: () => setMayStart(true) };
}

interface Tell {
  step: (at: number) => void;
  note: (words: string) => void;
}

/** True: it stopped short of starting what it may not. */
async function open(
  goal: Goal,
  mayStart: boolean,
  signal: AbortSignal,
  tell: Tell,
): Promise<boolean> {
  const { domainId: DomainId, userProfileName: UserProfileName, spaceName: SpaceName } = goal;
  const owner = SpaceName ? { SpaceName } : { UserProfileName };
  const app = { DomainId, AppType: "JupyterLab" as const, AppName: "default", ...owner };
  const status = await statusOf(app, signal);
  tell.step(1);
  if (status !== "InService" && status !== "Pending") {
    if (!mayStart) return true;
    const spec = goal.instanceType
      ? { ResourceSpec: { InstanceType: goal.instanceType as AppInstanceType } }
      : {};
    await sagemaker.send(CreateAppCommand, { ...app, ...spec }, signal);
  }
  await untilReady(app, signal, tell.note);
  tell.step(2);
  tell.note("");
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
  tell.step(3);
  if (AuthorizedUrl && !signal.aborted) location.replace(AuthorizedUrl);
  return false;
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

async function untilReady(
  app: App,
  signal: AbortSignal,
  note: (words: string) => void,
): Promise<void> {
  await until(signal, async () => {
    const { Status, FailureReason } = await sagemaker.send(DescribeAppCommand, app, signal);
    if (Status === "Failed" || Status === "Deleted") {
      throw new Error(FailureReason || `The app is ${Status}.`);
    }
    note(FailureReason ?? "");
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
