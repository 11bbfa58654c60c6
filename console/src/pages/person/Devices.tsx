// MFA devices of a person: shown, and taken away where one was lost.
import {
  DeactivateMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  ListMFADevicesCommand,
  type MFADevice,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { problemOf } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { nameOf } from "~/format/arn";
import { When } from "~/parts/When";
import { SmallTable } from "./SmallTable";

export function Devices({ userName, isMe }: { userName: string; isMe: boolean }) {
  const input = { UserName: userName };
  const devices = usePages(iam, ListMFADevicesCommand, input, "MFADevices", { token: "Marker" });
  const [chosen, choose] = useState<MFADevice>();
  return (
    <>
      <SmallTable<MFADevice>
        title="MFA devices"
        description="A code that is asked for at the sign-in, beside the password."
        of={devices}
        what={`the MFA devices of ${userName}`}
        rowId={(one) => one.SerialNumber ?? ""}
        columns={[
          {
            id: "name",
            header: "Device",
            isRowHeader: true,
            minWidth: 200,
            cell: (one) => <span className="break">{nameOf(one.SerialNumber ?? "")}</span>,
          },
          {
            id: "since",
            header: "Since",
            minWidth: 150,
            cell: (one) => <When at={one.EnableDate} />,
          },
          {
            id: "actions",
            header: "Change",
            minWidth: 120,
            cell: (one) => (
              <Button
                variant="inline-link"
                ariaLabel={`Remove ${nameOf(one.SerialNumber ?? "")}`}
                onClick={() => choose(one)}
              >
                Remove
              </Button>
            ),
          },
        ]}
        nothing="No MFA device. People add one by aws iam create-virtual-mfa-device and enable-mfa-device."
      />
      {chosen && (
        <RemoveDevice
          userName={userName}
          serial={chosen.SerialNumber ?? ""}
          isMe={isMe}
          onClose={() => choose(undefined)}
        />
      )}
    </>
  );
}

interface RemoveDeviceProps {
  userName: string;
  serial: string;
  isMe: boolean;
  onClose: () => void;
}

function RemoveDevice({ userName, serial, isMe, onClose }: RemoveDeviceProps) {
  const remove = useAction(() => removeDevice(userName, serial), {
    done: () => `The device ${nameOf(serial)} was removed.`,
    renews: "iam",
  });
  return (
    <TypedDelete
      title={`Remove ${nameOf(serial)}?`}
      word="remove"
      verb="Remove"
      action={remove}
      onClose={onClose}
    >
      {isMe && <b>This is your own device. </b>}
      No code of it is asked for any more: the password alone signs {userName} in.
    </TypedDelete>
  );
}

/** Its seed goes with it, unless it is a device of metal, which has none here. */
export async function removeDevice(UserName: string, SerialNumber: string): Promise<void> {
  await gone(() => iam.send(DeactivateMFADeviceCommand, { UserName, SerialNumber }));
  if (!SerialNumber.startsWith("arn:")) return;
  await gone(() => iam.send(DeleteVirtualMFADeviceCommand, { SerialNumber }));
}

/** What is gone already was somebody else's doing, or an earlier try's. */
export async function gone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (problemOf(error).kind !== "missing") throw error;
  }
}
