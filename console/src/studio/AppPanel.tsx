// What runs for one person or space: started on a chosen instance at a price that is said before,
// opened, watched (last use, when it will be shut down, cost so far) and stopped.
import { DeleteAppCommand, type DescribeAppResponse } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { money, rate } from "~/format/amounts";
import { useUrlState } from "~/page/urlState";
import { OpenButton } from "~/parts/OpenButton";
import { isPassing, Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { View } from "~/views/View";
import { INSTANCE_DEFAULT, InstanceField } from "./InstanceField";
import { hiddenAppsOf, idleOf, instanceOf, type Layer } from "./layers";
import type { Owner } from "./OwnerLink";
import { useRates } from "./rates";
import { hasEnded, isRunning, useApps } from "./useApps";

interface AppPanelProps {
  owner: Owner;
  /** Who opens it: the person, or a space's owner; "" where there is nobody yet. */
  userProfileName: string;
  layers: Layer[];
  /** What says which apps are not offered, where it is not `layers`: shared spaces hide nothing. */
  seenBy?: Layer[];
}

const TYPE = "JupyterLab"; // what is started from here

export function AppPanel({ owner, userProfileName, layers, seenBy = layers }: AppPanelProps) {
  const [isExpecting, expect] = useState(false);
  const apps = useApps(owner, isExpecting);
  const usual = instanceOf(layers).value ?? INSTANCE_DEFAULT;
  const hidden = hiddenAppsOf(seenBy);
  const isHidden = hidden.value?.includes(TYPE) ?? false;
  return (
    <Container
      header={
        <Header variant="h2" description="An app costs while it runs. Files outlive it.">
          JupyterLab
        </Header>
      }
    >
      <View of={apps} what={`the apps of ${owner.name}`}>
        {(all) => (
          <SpaceBetween size="l">
            {all.map((app) => (
              <Running
                key={`${app.AppType}/${app.AppName}/${app.CreationTime?.getTime()}`}
                app={app}
                owner={owner}
                userProfileName={userProfileName}
                layers={layers}
              />
            ))}
            {all.every(hasEnded) && isHidden && (
              <Box color="text-body-secondary">
                Nothing runs. JupyterLab is hidden by {hidden.from}, so it is not offered.
              </Box>
            )}
            {all.every(hasEnded) && !isHidden && (
              <Start
                owner={owner}
                userProfileName={userProfileName}
                usual={usual}
                onStart={() => expect(true)}
              />
            )}
          </SpaceBetween>
        )}
      </View>
    </Container>
  );
}

interface StartProps {
  owner: Owner;
  userProfileName: string;
  usual: string;
  onStart: () => void;
}

function Start({ owner, userProfileName, usual, onStart }: StartProps) {
  const [instanceType, choose] = useUrlState("instance");
  const rates = useRates();
  const usd = rates.data?.get(instanceType || usual)?.usd;
  return (
    <SpaceBetween size="m">
      <Box color="text-body-secondary">Nothing runs.</Box>
      <FormField label="Start on" description={priceWords(rates, usd)}>
        <InstanceField
          value={instanceType}
          onChange={choose}
          usual={`As the settings say: ${usual}`}
          label="Start on"
        />
      </FormField>
      <OpenButton
        domainId={owner.domainId}
        userProfileName={userProfileName}
        spaceName={owner.kind === "space" ? owner.name : ""}
        instanceType={instanceType}
        variant="primary"
        onOpen={onStart}
        isDisabled={!userProfileName}
        why="Add a user profile first: somebody must open it."
      >
        Start and open
      </OpenButton>
    </SpaceBetween>
  );
}

function priceWords(rates: ReturnType<typeof useRates>, usd: number | undefined): string {
  if (usd !== undefined) {
    return `${rate(usd)} while it runs: ${money(usd * 8)} for a day of eight hours.`;
  }
  if (rates.problem) return `Its price cannot be seen: ${rates.problem.message}`;
  return rates.data ? "The price list has no price for it." : "Looking up its price";
}

interface RunningProps extends AppPanelProps {
  app: DescribeAppResponse;
}

function Running({ app, owner, userProfileName, layers }: RunningProps) {
  const [isAsking, setAsking] = useState(false);
  const stop = useAction(() => stopApp(owner, app), {
    done: () => `${app.AppType} of ${owner.name} is being stopped.`,
  });
  const runs = isRunning(app);
  return (
    <SpaceBetween size="m">
      {app.FailureReason && (
        <Alert
          type={isPassing(app.Status) ? "info" : "error"}
          header={isPassing(app.Status) ? "What happens" : "Why it ended"}
        >
          <span className="break">{app.FailureReason}</span>
        </Alert>
      )}
      <KeyValuePairs
        columns={4}
        minColumnWidth={180}
        items={factsOf(app, layers, useRates().data)}
      />
      {!hasEnded(app) && (
        <SpaceBetween direction="horizontal" size="xs">
          <OpenButton
            domainId={owner.domainId}
            userProfileName={userProfileName}
            spaceName={owner.kind === "space" ? owner.name : ""}
            variant="primary"
            isDisabled={!userProfileName}
          >
            Open
          </OpenButton>
          <Button disabled={!runs} onClick={() => setAsking(true)}>
            Stop
          </Button>
        </SpaceBetween>
      )}
      {isAsking && (
        <TypedDelete
          title={`Stop ${app.AppType} of ${owner.name}?`}
          word="stop"
          verb="Stop"
          action={stop}
          onClose={() => setAsking(false)}
        >
          What runs in it ends, and what is not saved is lost. Saved files stay.
        </TypedDelete>
      )}
    </SpaceBetween>
  );
}

function factsOf(
  app: DescribeAppResponse,
  layers: Layer[],
  rates: ReturnType<typeof useRates>["data"],
) {
  const type = app.ResourceSpec?.InstanceType ?? "-";
  const usd = rates?.get(type)?.usd;
  const word = isRunning(app) ? { word: "Ready" } : {};
  const facts = [
    { label: `${app.AppType} app`, value: <Status status={app.Status} {...word} /> },
    { label: "Instance", value: usd === undefined ? type : `${type}, ${rate(usd)}` },
    { label: "Started", value: <When at={app.CreationTime} /> },
  ];
  if (!isRunning(app)) return facts;
  const idle = idleOf(layers);
  return [
    ...facts,
    { label: "Cost since then, about", value: usd === undefined ? "-" : money(soFar(app, usd)) },
    { label: "Last used", value: <When at={app.LastUserActivityTimestamp} /> },
    {
      label: "Shut down when idle",
      value: idle.value === undefined ? "Never: it runs until stopped" : lastOf(app, idle.value),
    },
  ];
}

function lastOf(app: DescribeAppResponse, minutes: number) {
  const from = app.LastUserActivityTimestamp ?? app.CreationTime;
  if (!from) return `After ${minutes} minutes`;
  const end = new Date(from.getTime() + minutes * 60_000);
  return (
    <>
      After {minutes} minutes: <When at={end} />
    </>
  );
}

function soFar(app: DescribeAppResponse, usd: number): number {
  const since = app.CreationTime?.getTime() ?? Date.now();
  return (Math.max(0, Date.now() - since) / 3_600_000) * usd;
}

function stopApp(owner: Owner, app: DescribeAppResponse) {
  const whose =
    owner.kind === "space" ? { SpaceName: owner.name } : { UserProfileName: owner.name };
  return sagemaker.send(DeleteAppCommand, {
    DomainId: owner.domainId,
    AppType: app.AppType,
    AppName: app.AppName,
    ...whose,
  });
}
