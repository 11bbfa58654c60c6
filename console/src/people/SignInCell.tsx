// How somebody signs in, in a few words.
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { inWords, isActive, useCredentials } from "./credentials";

export function SignInCell({ userName }: { userName: string }) {
  const { data, problem } = useCredentials(userName);
  if (problem) return <span title={problem.message}>No access</span>;
  if (!data) return <>...</>;
  const isIn = !!data.password || data.keys.some(isActive);
  if (isIn) return <>{inWords(data)}</>;
  return <StatusIndicator type="stopped">{inWords(data)}</StatusIndicator>;
}
