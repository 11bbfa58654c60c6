// The notebooks of a person: open, start and stop, with what an hour costs said before.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import type { Call } from "~/aws/useCall";
import { rate } from "~/format/amounts";
import { CreateSpace } from "~/pages/domain/CreateSpace";
import { OpenButton } from "~/parts/OpenButton";
import { isPassing, Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { useRates } from "~/studio/rates";
import { Updated } from "~/table/Updated";
import { View } from "~/views/View";
import type { Me } from "./mine";
import { StartStop } from "./StartStop";
import type { Place, Studio } from "./useStudio";

interface MySpacesProps {
  me: Me;
  studio: Call<Studio>;
  /** Told when a notebook is opened in another tab. */
  onOpen: () => void;
}

export function MySpaces({ me, studio, onOpen }: MySpacesProps) {
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <View of={studio} what={`the notebooks of ${me.userProfileName}`}>
        {({ places, hidden }) => (
          <Places
            me={me}
            places={places}
            studio={studio}
            onOpen={onOpen}
            onCreate={() => setCreating(true)}
            isHidden={hidden.apps.includes("JupyterLab")}
          />
        )}
      </View>
      {isCreating && (
        <CreateSpace
          domainId={me.domainId}
          owner={me.userProfileName}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}

interface PlacesProps extends MySpacesProps {
  places: Place[];
  /** Asks for a new space. */
  onCreate: () => void;
  /** Whether JupyterLab is not to be offered: what runs can still be opened and stopped. */
  isHidden: boolean;
}

function Places({ me, places, studio, onOpen, onCreate, isHidden }: PlacesProps) {
  const rates = useRates();
  const rateOf = (place: Place) => {
    const known = rates.data?.get(place.instance);
    if (known) return rate(known.usd);
    return rates.isLoading ? "..." : "No price is known";
  };
  return (
    <Table<Place>
      items={places}
      trackBy={(place) => `${place.kind} ${place.spaceName}`}
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Notebooks and spaces" }}
      header={
        <Header
          variant="h2"
          counter={`(${places.length})`}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Updated of={studio} what="your notebooks" />
              {!isHidden && <Button onClick={onCreate}>Create space</Button>}
            </SpaceBetween>
          }
          {...(isHidden ? { description: "JupyterLab is hidden from your profile." } : {})}
        >
          Notebooks and spaces
        </Header>
      }
      columnDefinitions={[
        {
          id: "name",
          header: "Name",
          isRowHeader: true,
          width: 200,
          minWidth: 140,
          cell: (place) => (
            <>
              {place.title}
              <Box color="text-body-secondary" fontSize="body-s">
                {place.kind}
              </Box>
            </>
          ),
        },
        {
          id: "state",
          header: "State",
          width: 190,
          minWidth: 130,
          cell: (place) => <State place={place} />,
        },
        {
          id: "rate",
          header: "Rate",
          width: 190,
          minWidth: 140,
          cell: (place) => (
            <>
              <span className="number">{rateOf(place)}</span>
              <Box color="text-body-secondary" fontSize="body-s">
                {place.instance}
              </Box>
            </>
          ),
        },
        {
          id: "open",
          header: "Open",
          width: 165,
          minWidth: 150,
          cell: (place) =>
            isHidden && !place.app ? (
              "-"
            ) : (
              <OpenButton
                domainId={me.domainId}
                userProfileName={me.userProfileName}
                spaceName={place.spaceName}
                isDisabled={place.app?.Status === "Deleting"}
                onOpen={onOpen}
              />
            ),
        },
        {
          id: "startstop",
          header: "Start or stop",
          width: 150,
          minWidth: 130,
          cell: (place) => (isHidden && !place.app ? "-" : <StartStop me={me} place={place} />),
        },
      ]}
    />
  );
}

function State({ place: { app } }: { place: Place }) {
  if (!app) return <Status status="Stopped" />;
  const words: Record<string, string> = {
    InService: "Running",
    Pending: "Starting",
    Deleting: "Stopping",
  };
  const word = words[app.Status ?? ""];
  return (
    <>
      <Status status={app.Status} {...(word ? { word } : {})} />
      {!isPassing(app.Status) && (
        <Box color="text-body-secondary" fontSize="body-s">
          since <When at={app.CreationTime} />
        </Box>
      )}
    </>
  );
}
