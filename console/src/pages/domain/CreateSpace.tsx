// A new space: of the team or of one person, with a size and an instance of its own.
import {
  CreateSpaceCommand,
  type CreateSpaceRequest,
  ListUserProfilesCommand,
} from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { EditDialog, type Field } from "~/dialogs/EditDialog";
import { nameTrouble } from "~/format/names";

const isOwned = ({ sharing }: Record<string, string>): boolean => sharing !== "everybody";

interface CreateSpaceProps {
  domainId: string;
  /** Whose it is unless another is chosen; without one it is everybody's. */
  owner?: string;
  onClose: () => void;
}

export function CreateSpace({ domainId, owner = "", onClose }: CreateSpaceProps) {
  const people = usePages(
    sagemaker,
    ListUserProfilesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    "UserProfiles",
  );
  const create = useAction(
    (values: Record<string, string>) =>
      sagemaker.send(CreateSpaceCommand, requestOf(domainId, values)),
    { done: ({ name }) => `Space ${name} was created.` },
  );
  const names = (people.data ?? []).map(({ UserProfileName = "" }) => UserProfileName);
  return (
    <EditDialog
      title="Create a space"
      verb="Create"
      fields={fieldsOf([...new Set(owner ? [owner, ...names] : names)], owner)}
      action={create}
      onClose={onClose}
    />
  );
}

function fieldsOf(people: string[], owner: string): Field[] {
  return [
    {
      id: "name",
      label: "Space name",
      value: "",
      hint: "Letters, digits and hyphens, up to 63; no user profile may have it.",
      trouble: nameTrouble,
    },
    {
      id: "sharing",
      label: "Whose it is",
      value: owner ? "Private" : "everybody",
      options: [
        { value: "everybody", label: "Everybody's of the domain" },
        { value: "Private", label: "Private: one person works in it" },
        { value: "Shared", label: "Shared, with an owner" },
      ],
    },
    {
      id: "owner",
      label: "Owner",
      value: owner,
      options: people.map((value) => ({ value, label: value })),
      when: isOwned,
      trouble: (value) => (value ? "" : "Choose who owns it."),
    },
    {
      id: "size",
      label: "Size of its volume (GB)",
      value: "",
      hint: "Left empty, as the settings say.",
      isNumber: true,
      when: isOwned,
    },
  ];
}

function requestOf(DomainId: string, values: Record<string, string>): CreateSpaceRequest {
  const { name, owner, sharing, size } = values;
  if (!isOwned(values)) return { DomainId, SpaceName: name };
  const storage = size ? { EbsStorageSettings: { EbsVolumeSizeInGb: Number(size) } } : undefined;
  return {
    DomainId,
    SpaceName: name,
    OwnershipSettings: { OwnerUserProfileName: owner },
    SpaceSharingSettings: { SharingType: sharing as "Private" | "Shared" },
    SpaceSettings: {
      AppType: "JupyterLab",
      ...(storage ? { SpaceStorageSettings: storage } : {}),
    },
  };
}
