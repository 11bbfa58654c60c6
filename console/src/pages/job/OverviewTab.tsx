// What a job is, at a glance: time and money, whose it is, what runs, with which settings, where.
import type { Tag } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { money } from "~/format/amounts";
import { nameOf } from "~/format/arn";
import { duration } from "~/format/time";
import { useDomainNames } from "~/owners/useDomainNames";
import { seconds } from "~/pages/jobs/useJobs";
import { useSpent } from "~/pages/jobs/useSpent";
import { Copy } from "~/parts/Copy";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { DOMAIN_TAG, OwnerLink, ownerOf, PROFILE_TAG, SPACE_TAG, tagOf } from "~/studio/OwnerLink";
import { PairTable } from "~/table/PairTable";
import type { JobFacts } from "./facts";
import { History } from "./History";

export function OverviewTab({ facts, tags }: { facts: JobFacts; tags: Tag[] | undefined }) {
  return (
    <SpaceBetween size="l">
      <Now facts={facts} tags={tags} />
      <Container header={<Header variant="h2">Status history</Header>}>
        <History steps={facts.steps} />
      </Container>
      <What facts={facts} />
      {facts.kind === "Training" && (
        <PairTable
          title="Hyperparameters"
          pairs={facts.hyperparameters}
          names={["Name", "Value"]}
          nothing="None were given."
        />
      )}
      <PairTable
        title="Environment"
        pairs={facts.environment}
        names={["Variable", "Value"]}
        nothing="No variables were given."
      />
    </SpaceBetween>
  );
}

function Now({ facts, tags }: { facts: JobFacts; tags: Tag[] | undefined }) {
  const spent = useSpent();
  const names = useDomainNames();
  const domainId = nameOf(tagOf(tags, DOMAIN_TAG));
  const usd = spent.of(facts.arn);
  const cost = spent.problem ? "No access" : money(usd ?? 0);
  return (
    <Container header={<Header variant="h2">Now</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Status", value: <Status status={facts.status} /> },
          { label: "Duration", value: duration(seconds(facts) ?? 0) },
          { label: "Cost", value: spent.isReady || spent.problem ? cost : "..." },
          { label: "Created", value: <When at={facts.created} /> },
          {
            label: "Domain",
            value: domainId ? (
              <InnerLink to={`/domains/${domainId}`}>{names.get(domainId) || domainId}</InnerLink>
            ) : (
              "-"
            ),
          },
          {
            label: "Creator",
            value: (
              <OwnerLink owner={ownerOf(tagOf(tags, PROFILE_TAG) || tagOf(tags, SPACE_TAG))} />
            ),
          },
          { label: "Started", value: <When at={facts.started} /> },
          { label: "Ended", value: <When at={facts.ended} /> },
        ]}
      />
    </Container>
  );
}

function What({ facts }: { facts: JobFacts }) {
  const { vpc, experiment } = facts;
  return (
    <Container header={<Header variant="h2">What runs, and where</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "ARN", value: <Copy text={facts.arn} what="The job's ARN" /> },
          { label: "Image", value: <Copy text={facts.image ?? "-"} what="The image" /> },
          {
            label: "Execution role",
            value: facts.role ? <Copy text={facts.role} what="The role's ARN" /> : "-",
          },
          {
            label: "Command",
            value: facts.command.length ? (
              <code className="break">{facts.command.join(" ")}</code>
            ) : (
              "The image's own"
            ),
          },
          { label: "Instance", value: facts.instance },
          { label: "Disk", value: facts.volumeGb ? `${facts.volumeGb} GB` : "-" },
          {
            label: "Longest run",
            value: facts.maxSeconds ? duration(facts.maxSeconds) : "No limit",
          },
          {
            label: "Network",
            value: facts.isIsolated
              ? "Isolated: no network at all"
              : vpc
                ? "VPC only"
                : "Public internet",
          },
          {
            label: "Subnets and security groups",
            value: vpc ? (
              <code className="break">
                {[...(vpc.Subnets ?? []), ...(vpc.SecurityGroupIds ?? [])].join(", ")}
              </code>
            ) : (
              "-"
            ),
          },
          ...(experiment
            ? [
                {
                  label: "Experiment",
                  value: (
                    <InnerLink to={`/experiments/${encodeURIComponent(experiment)}`}>
                      {experiment}
                    </InnerLink>
                  ),
                },
                { label: "Trial", value: facts.trial ?? "-" },
              ]
            : []),
        ]}
      />
    </Container>
  );
}
