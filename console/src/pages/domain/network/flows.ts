// Flow logs, read: lines of version 2 become sentences about who was kept from where.
import type { FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";

export interface Refused {
  /** "JupyterLab of ana", "the job x". */
  who: string;
  /** Below /console; "" where no page shows it. */
  to: string;
  sentence: string;
  where: string;
  packets: number;
  lastAt: Date;
}

interface Flow {
  stream: string;
  source: string;
  target: string;
  port: string;
  protocol: string;
  packets: number;
  end: number;
}

const PROTOCOLS: Record<string, string> = { "1": "ICMP", "6": "TCP", "17": "UDP", "58": "ICMPv6" };

/** The same refusal told many times is one line with the last of its times; newest first. */
export function refusedOf(events: FilteredLogEvent[], domainId: string): Refused[] {
  const flows = events.flatMap(parsed);
  const inbound = streamsThatReceive(flows);
  const found = new Map<string, Refused>();
  for (const flow of flows) {
    const isIn = inbound.has(flow.stream);
    const key = [
      flow.stream,
      isIn,
      isIn ? flow.source : flow.target,
      flow.port,
      flow.protocol,
    ].join();
    const known = found.get(key);
    if (known) {
      known.packets += flow.packets;
      if (flow.end * 1000 > known.lastAt.getTime()) known.lastAt = new Date(flow.end * 1000);
    } else found.set(key, told(flow, isIn, domainId));
  }
  return [...found.values()].sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime());
}

function parsed(event: FilteredLogEvent): Flow[] {
  const words = (event.message ?? "").trim().split(/\s+/);
  if (words.length < 14 || words[12] !== "REJECT") return [];
  const [, , , source = "-", target = "-", , port = "-", protocol = "-", packets, , , end] = words;
  return [
    {
      stream: event.logStreamName ?? "",
      source,
      target,
      port,
      protocol,
      packets: Number(packets) || 0,
      end: Number(end) || 0,
    },
  ];
}

/** A log whose lines have one target and several sources is that of whoever was to be reached. */
function streamsThatReceive(flows: Flow[]): Set<string> {
  const sources = new Map<string, Set<string>>();
  const targets = new Map<string, Set<string>>();
  for (const { stream, source, target } of flows) {
    if (!sources.has(stream)) sources.set(stream, new Set());
    if (!targets.has(stream)) targets.set(stream, new Set());
    sources.get(stream)?.add(source);
    targets.get(stream)?.add(target);
  }
  const receiving = [...sources].filter(
    ([stream, found]) => found.size > 1 && targets.get(stream)?.size === 1,
  );
  return new Set(receiving.map(([stream]) => stream));
}

function told(flow: Flow, isIn: boolean, domainId: string): Refused {
  const { who, to } = whoOf(flow.stream, domainId);
  const place = isIn ? flow.source : flow.target;
  const where = placeOf(place, flow);
  const sentence = isIn
    ? `${where} was kept from reaching ${who}.`
    : `${who} was kept from reaching ${where}.`;
  const lastAt = new Date(flow.end * 1000);
  return { who, to, sentence: capital(sentence), where, packets: flow.packets, lastAt };
}

function placeOf(address: string, { port, protocol }: Flow): string {
  const name = PROTOCOLS[protocol] ?? `protocol ${protocol}`;
  if (address === "-") return "many places";
  return port === "-" || port === "0" ? `${address} (${name})` : `${address}, ${name} port ${port}`;
}

/** Of `app/d-1/ana/jupyterlab/default/eni-1-reject`, `training-job/name/eni-1-reject`. */
function whoOf(stream: string, domainId: string): { who: string; to: string } {
  const [kind = "", ...rest] = stream.split("/");
  if (kind === "app") {
    const [, owner = "", type = ""] = rest;
    return {
      who: `${appName(type)} of ${owner}`,
      to: `/domains/${domainId}?tab=apps&apps.q=${owner}`,
    };
  }
  const name = rest.slice(0, -1).join("/");
  return { who: name ? `the ${kind.replaceAll("-", " ")} ${name}` : stream, to: "" };
}

const NAMES: Record<string, string> = { jupyterlab: "JupyterLab", jupyterserver: "JupyterServer" };
const appName = (type: string): string => NAMES[type] ?? type;
const capital = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);
