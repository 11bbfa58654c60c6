// One of the four views for a call: loading, trouble (or forbidden), empty, or what came.
import type { ReactNode } from "react";
import type { Call } from "~/aws/useCall";
import { Loading } from "./Loading";
import { Trouble } from "./Trouble";

interface ViewProps<T> {
  of: Call<T>;
  /** What is asked for, with its article: "the domain d-1". */
  what: string;
  children: (data: T) => ReactNode;
  /** Shown instead where `isEmpty` says so. */
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
}

export function View<T>({ of, what, children, empty, isEmpty }: ViewProps<T>) {
  if (of.data === undefined) {
    if (of.problem) return <Trouble problem={of.problem} what={what} onRetry={of.refresh} />;
    return <Loading what={what} />;
  }
  if (empty !== undefined && isEmpty?.(of.data)) return empty;
  return children(of.data);
}
