// Delete an access key for good.
import { DeleteAccessKeyCommand } from "@aws-sdk/client-iam";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import type { Key } from "./useKeys";

interface DeleteKeyProps {
  userName: string;
  keyOf: Key;
  /** Who is signed in has no other active key. */
  isMyLast: boolean;
  onClose: () => void;
}

export function DeleteKey({ userName, keyOf, isMyLast, onClose }: DeleteKeyProps) {
  const { AccessKeyId } = keyOf;
  const remove = useAction(
    () => iam.send(DeleteAccessKeyCommand, { UserName: userName, AccessKeyId }),
    { done: () => `The access key ${AccessKeyId} was deleted.`, renews: "iam" },
  );
  return (
    <TypedDelete title={`Delete ${AccessKeyId}?`} word="delete" action={remove} onClose={onClose}>
      {isMyLast && (
        <b>This is your last active key: if you signed in with it, you are signed out. </b>
      )}
      It is gone for good, and what uses it is refused at once.
    </TypedDelete>
  );
}
