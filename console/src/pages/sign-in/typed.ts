// What a person types to sign in.
export interface Typed {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  accountId: string;
  userName: string;
  password: string;
  mfaCode: string;
  newPassword: string;
  /** The new password once more: what is typed is not seen. */
  newAgain: string;
}
