// /console/domains/{DomainId}/delete: what goes is shown first; once confirmed, it goes in its order.

import { DescribeDomainCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { type Step, shown } from "~/aws/useSteps";
import { counted } from "~/format/amounts";
import { Page } from "~/page/Page";
import { InnerButton } from "~/parts/InnerButton";
import { StepList } from "~/parts/StepList";
import { Empty } from "~/views/Empty";
import { Loading } from "~/views/Loading";
import { Trouble } from "~/views/Trouble";
import type { Left, Retention } from "./removal";
import { type Removal, useRemoval } from "./useRemoval";

export default function DeleteDomain() {
  const { DomainId = "" } = useParams();
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId });
  const removal = useRemoval(DomainId);
  const word = removal.name || (domain.data?.DomainName ?? DomainId);
  const { left, problem } = removal;
  return (
    <Page
      title={`Delete ${word}`}
      above={[
        { text: "Domains", to: "/domains" },
        { text: word, to: `/domains/${DomainId}` },
      ]}
    >
      <SpaceBetween size="l">
        {problem && (
          <Trouble problem={problem} what={`what is in ${word}`} onRetry={removal.again} />
        )}
        {left && !left.isDomainThere && <Gone word={word} />}
        {left?.isDomainThere && <Stands removal={removal} left={left} word={word} />}
        {!left && !problem && <Loading what={`what is in ${word}`} />}
      </SpaceBetween>
    </Page>
  );
}

function Gone({ word }: { word: string }) {
  return (
    <Container>
      <Empty
        title={`${word} is gone`}
        action={<InnerButton to="/domains">To the domains</InnerButton>}
      >
        Its apps, spaces and user profiles went before it. Its role and bucket are still there, and
        so are the sign-ins of its people: delete those under People.
      </Empty>
    </Container>
  );
}

interface StandsProps {
  removal: Removal;
  left: Left;
  word: string;
}

function Stands({ removal, left, word }: StandsProps) {
  if (!removal.isGoing) return <Ask removal={removal} left={left} word={word} />;
  return (
    <Container
      header={
        <Header variant="h2" description="You may reload this page: it goes on where it is.">
          It is being deleted
        </Header>
      }
    >
      <StepList steps={stepsOf(removal, left)} />
    </Container>
  );
}

function stepsOf({ first, problem, retention }: Removal, left: Left): Step[] {
  const all = first ?? left;
  const plan = [
    { text: ended(all.apps.length, left.apps.length, "app", "stopped") },
    { text: ended(all.spaces.length, left.spaces.length, "space", "deleted") },
    { text: ended(all.users.length, left.users.length, "user profile", "deleted") },
    {
      text:
        retention === "Delete" ? "The domain and its file system" : "The domain; its files stay",
    },
  ];
  const counts = [left.apps.length, left.spaces.length, left.users.length, 1];
  return shown(
    plan,
    counts.findIndex((count) => count > 0),
    problem ? "failed" : "running",
  );
}

function ended(all: number, left: number, noun: string, verb: string): string {
  return `${counted(all - left, noun)} of ${all} ${verb}`;
}

function Ask({ removal, left, word }: StandsProps) {
  const [typed, setTyped] = useState("");
  const { retention, choose, begin } = removal;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === word) begin(word);
      }}
    >
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">What goes, in this order</Header>}>
          <SpaceBetween size="s">
            <Names what="Apps are stopped" of={left.apps.map(appName)} />
            <Names
              what="Spaces, with their volumes and files"
              of={left.spaces.map(({ SpaceName = "" }) => SpaceName)}
            />
            <Names
              what="User profiles"
              of={left.users.map(({ UserProfileName = "" }) => UserProfileName)}
            />
            <span>Then the domain itself. Its jobs, models and costs stay, with their tags.</span>
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">Files</Header>}>
          <RadioGroup
            ariaLabel="Files"
            value={retention}
            onChange={({ detail }) => choose(detail.value as Retention)}
            items={[
              {
                value: "Retain",
                label: "Keep the file system",
                description: "Homes stay, and cost. Another domain can take them over.",
              },
              {
                value: "Delete",
                label: "Delete the file system",
                description: "All homes are gone for good.",
              },
            ]}
          />
        </Container>
        <FormField label={`To confirm, type ${word}`}>
          <Input
            value={typed}
            onChange={({ detail }) => setTyped(detail.value)}
            placeholder={word}
            autoComplete={false}
            spellcheck={false}
          />
        </FormField>
        <Button variant="primary" disabled={typed !== word}>
          Delete all of this
        </Button>
      </SpaceBetween>
    </form>
  );
}

const NAMES_MAX = 20;

function Names({ what, of }: { what: string; of: string[] }) {
  const shownNames = of.slice(0, NAMES_MAX).join(", ");
  const more = of.length > NAMES_MAX ? ` and ${of.length - NAMES_MAX} more` : "";
  return (
    <span className="break">
      <b>{what}:</b> {of.length ? `${shownNames}${more}` : "none"}
    </span>
  );
}

const appName = ({ SpaceName, UserProfileName, AppType }: Left["apps"][number]): string =>
  `${AppType} of ${SpaceName ?? UserProfileName}`;
