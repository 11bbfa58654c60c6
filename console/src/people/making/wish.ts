// What is asked about a person's way in: a new IAM user, one that exists, or none; what is wrong
// with it; and the commands that do the same. No password is in here: it may be kept and shown.
import { cliCommand } from "~/format/cli";
import { homeOf } from "./home";
import { type Holder, ownName, ownText, sharedArn, sharedName, sharedText } from "./policies";

export interface Wish {
  way: "new" | "known" | "none";
  /** "" for a new one: the profile's name. */
  userName: string;
  /** Whether they get the policies of the domain's people. */
  policy: "domain" | "none";
}

export const WISH: Wish = { way: "new", userName: "", policy: "domain" };
export const PLACEHOLDER = "ONE-TIME-PASSWORD";

const NAME = /^[\w+=,.@-]{1,64}$/; // API reference, CreateUser

export const userNameOf = ({ way, userName }: Wish, profile: string): string =>
  way === "none" ? "" : userName || (way === "new" ? profile : "");

/** Why it cannot be done; "" if it can. */
export function userNameTrouble(wish: Wish, profile: string): string {
  if (wish.way === "none") return "";
  const name = userNameOf(wish, profile);
  if (!name) return wish.way === "known" ? "Choose a user." : "Enter a name.";
  return NAME.test(name) ? "" : "Letters, digits and _+=,.@- only, up to 64.";
}

export const newUserTrouble = (name: string): string =>
  userNameTrouble({ ...WISH, userName: name }, "");

/** After the profile is there. The password is a word in capitals that one replaces. */
export function commandsOf({ way, policy }: Wish, of: Holder): string[] {
  const { userName: UserName } = of;
  if (way === "none") return [];
  const user =
    way === "new" ? [cliCommand("iam", "CreateUser", { UserName, Tags: homeOf(of) })] : [];
  const policies = policy === "domain" ? policyCommands(of) : [];
  return [...user, ...policies, ...(way === "new" ? [passwordCommand(UserName)] : [])];
}

export const passwordCommand = (UserName: string): string =>
  cliCommand("iam", "CreateLoginProfile", {
    UserName,
    Password: PLACEHOLDER,
    PasswordResetRequired: true,
  });

function policyCommands(of: Holder): string[] {
  const { userName: UserName } = of;
  return [
    cliCommand("iam", "CreatePolicy", {
      PolicyName: sharedName(of.domainId),
      PolicyDocument: sharedText(of),
    }),
    cliCommand("iam", "AttachUserPolicy", { UserName, PolicyArn: sharedArn(of) }),
    cliCommand("iam", "PutUserPolicy", {
      UserName,
      PolicyName: ownName(of),
      PolicyDocument: ownText(of),
    }),
  ];
}
