// From which domain to which there is a way: a matrix that says "clean" or how many. With many domains
// only those that a way touches are shown; the others are clean towards all.
import type { DomainDetails } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { counted } from "~/format/amounts";
import { InnerLink } from "~/parts/InnerLink";
import type { Way } from "./analysis";
import "./matrix.css";

interface MatrixProps {
  domains: DomainDetails[];
  ways: Way[];
}

const SHOWN_MAX = 12; // wider, nobody reads it: the table below holds every way

export function Matrix({ domains, ways }: MatrixProps) {
  const sums = new Map<string, { leaks: number; others: number }>();
  for (const way of ways) {
    const key = `${way.from} ${way.to}`;
    const sum = sums.get(key) ?? { leaks: 0, others: 0 };
    if (way.status === "ACTIVE") sum.leaks += 1;
    else sum.others += 1;
    sums.set(key, sum);
  }
  const { shown, more } = chosen(domains, ways);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Each row is a domain whose people try; each column one that they try to reach."
        >
          Domain by domain
        </Header>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="matrix" tabIndex={0} aria-label="Ways from domain to domain">
        <table>
          <thead>
            <tr>
              <th scope="col">From \ to</th>
              {shown.map((to) => (
                <th key={to.DomainId} scope="col">
                  {to.DomainName}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((from) => (
              <tr key={from.DomainId}>
                <th scope="row">{from.DomainName}</th>
                {shown.map((to) => (
                  <Cell
                    key={to.DomainId}
                    from={from}
                    to={to}
                    sum={sums.get(`${from.DomainId} ${to.DomainId}`)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {more > 0 && (
        <Box color="text-body-secondary" padding={{ top: "s" }}>
          {counted(more, "more domain is", "more domains are")} not shown here: every way that was
          found stands in the table below.
        </Box>
      )}
    </Container>
  );
}

interface CellProps {
  from: DomainDetails;
  to: DomainDetails;
  sum: { leaks: number; others: number } | undefined;
}

function Cell({ from, to, sum }: CellProps) {
  if (from.DomainId === to.DomainId) return <td className="matrix-self">itself</td>;
  const link = (status: string) =>
    `/access?from=${from.DomainId}&to=${to.DomainId}${status ? `&status=${status}` : ""}`;
  if (sum?.leaks) {
    return (
      <td className="matrix-leak">
        <InnerLink to={link("")}>{counted(sum.leaks, "way")}</InnerLink>
      </td>
    );
  }
  return (
    <td className="matrix-clean">
      clean
      {sum?.others ? (
        <div>
          <InnerLink to={link("ARCHIVED")}>{sum.others} archived</InnerLink>
        </div>
      ) : null}
    </td>
  );
}

function chosen(domains: DomainDetails[], ways: Way[]) {
  const active = ways.filter((way) => way.status === "ACTIVE");
  const touched = new Set(active.flatMap((way) => [way.from, way.to]));
  const first = domains.filter((one) => touched.has(one.DomainId ?? ""));
  const rest = domains.filter((one) => !touched.has(one.DomainId ?? ""));
  const shown = [...first, ...rest].slice(0, SHOWN_MAX);
  return { shown, more: domains.length - shown.length };
}
