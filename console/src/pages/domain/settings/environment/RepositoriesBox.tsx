// Git repositories that are cloned into each home: attached by their address, on the branch that is
// kept for it, and detached.
import {
  CreateCodeRepositoryCommand,
  type DescribeDomainResponse,
  UpdateDomainCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { EditDialog, type Field } from "~/dialogs/EditDialog";
import { Empty } from "~/views/Empty";
import {
  APP_KINDS,
  type AppKind,
  repositoriesOf,
  SCOPES,
  type Scope,
  scopeWords,
  updateOf,
} from "./attached";
import { PlainTable } from "./PlainTable";

interface Attached {
  url: string;
  scope: Scope;
  kind: AppKind;
}

export function RepositoriesBox({ domain }: { domain: DescribeDomainResponse }) {
  const [isAsking, ask] = useState(false);
  const [chosen, choose] = useState<Attached>();
  const all = attachedOf(domain);
  const set = (scope: Scope, kind: AppKind, urls: string[]) =>
    sagemaker.send(
      UpdateDomainCommand,
      updateOf(domain, scope, kind, {
        CodeRepositories: urls.map((RepositoryUrl) => ({ RepositoryUrl })),
      }),
    );
  const detach = useAction(
    async ({ url, scope, kind }: Attached) => {
      await set(
        scope,
        kind,
        repositoriesOf(domain, scope, kind).filter((one) => one !== url),
      );
      choose(undefined);
    },
    { done: ({ url }) => `${url} was detached.`, renews: "sagemaker", tells: true },
  );
  const attach = useAction(
    async ({ url = "", branch = "", scope, kind }: Record<string, string>) => {
      const at = scope as Scope;
      const known = repositoriesOf(domain, at, kind as AppKind);
      if (branch) await keepBranch(url, branch);
      await set(at, kind as AppKind, [...new Set([...known, url])]);
    },
    { done: ({ url }) => `${url} was attached.`, renews: "sagemaker" },
  );
  return (
    <>
      <PlainTable<Attached>
        title="Code repositories"
        description="Cloned into the home by their name when an app starts. What is there stays as it is."
        items={all}
        rowId={(one) => `${one.scope} ${one.kind} ${one.url}`}
        rowWords={(one) => one.url}
        chosen={chosen}
        onChoose={choose}
        columns={[
          {
            header: "Address",
            width: 420,
            cell: (one) => <span className="break">{one.url}</span>,
          },
          { header: "For", width: 160, cell: (one) => scopeWords(one.scope) },
          { header: "App type", width: 160, cell: (one) => one.kind },
        ]}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!chosen}
              ariaLabel="Detach repository"
              loading={detach.isRunning}
              onClick={() => chosen && void detach.run(chosen)}
            >
              Detach
            </Button>
            <Button onClick={() => ask(true)}>Attach repository</Button>
          </SpaceBetween>
        }
        empty={<Empty title="No repository">Attach one to give everybody the team's code.</Empty>}
      />
      {isAsking && (
        <EditDialog
          title="Attach repository"
          verb="Attach"
          fields={FIELDS}
          action={attach}
          onClose={() => ask(false)}
        />
      )}
    </>
  );
}

function attachedOf(domain: DescribeDomainResponse): Attached[] {
  return SCOPES.flatMap(({ value: scope }) =>
    APP_KINDS.flatMap((kind) =>
      repositoriesOf(domain, scope, kind).map((url) => ({ url, scope, kind })),
    ),
  );
}

/** The branch is kept by a CodeRepository of the account that has this address. */
function keepBranch(RepositoryUrl: string, Branch: string) {
  const tail =
    RepositoryUrl.replace(/\.git$/, "")
      .split("/")
      .slice(-1)[0] ?? "";
  const CodeRepositoryName = `${tail}-${Branch}`.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 63);
  return sagemaker.send(CreateCodeRepositoryCommand, {
    CodeRepositoryName,
    GitConfig: { RepositoryUrl, Branch },
  });
}

const FIELDS: Field[] = [
  {
    id: "url",
    label: "Address",
    value: "",
    hint: "https only, without a password: nothing here opens what is locked.",
    trouble: (url) =>
      /^https:\/\/[^\s@]{1,1015}$/.test(url)
        ? ""
        : "An address that begins with https://, without a password.",
  },
  {
    id: "branch",
    label: "Branch",
    value: "",
    hint: "Left empty, it is the repository's own default.",
  },
  { id: "scope", label: "For", value: "DefaultUserSettings", options: SCOPES },
  {
    id: "kind",
    label: "App type",
    value: "JupyterLab",
    options: APP_KINDS.map((value) => ({ value, label: value })),
  },
];
