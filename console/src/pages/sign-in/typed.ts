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
}
