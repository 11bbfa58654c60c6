// What quick setup does, a step a thing; the same as `freehold quick-setup` (src/freehold/cli/quick).
// What an earlier try made, also before a reload or a lost answer, is taken up again.
import type { Plan } from "~/aws/useSteps";
import { domainArn } from "~/format/arn";
import { putPolicy, roleName, takeRole } from "~/roles/making";
import { TIGHT, tightPolicy } from "~/roles/tight";
import { roleArn } from "~/roles/wish";
import { makeBucket } from "./bucket";
import { serverNow, takeDomain, takePerson } from "./taking";

export interface QuickWish {
  domain: string;
  person: string;
  accountId: string;
  region: string;
}

export interface Made {
  /** The domain's name: another one makes another domain. */
  name: string;
  /** When it was first asked, by the server's clock. */
  askedAt: number;
  /** "": the answer has not come. */
  domainId: string;
}

export const NOTHING_MADE: Made = { name: "", askedAt: 0, domainId: "" };

/** `keep` is told what is made, as soon as it is. */
export function quickPlan(wish: QuickWish, made: Made, keep: (made: Made) => void): Plan[] {
  const now = { ...(made.name === wish.domain ? made : NOTHING_MADE), name: wish.domain };
  const note = (part: Partial<Made>) => keep(Object.assign(now, part));
  const RoleName = roleName(wish.domain);
  const role = roleArn(wish.accountId, RoleName);
  const bucket = () => `sagemaker-${now.domainId}`;
  const arn = () => domainArn(wish.region, wish.accountId, now.domainId);
  return [
    {
      text: `Execution role ${RoleName}`,
      run: async () => {
        await takeRole(RoleName, wish.domain);
      },
    },
    {
      text: `Domain ${wish.domain}`,
      run: async () => {
        if (now.domainId) return;
        if (!now.askedAt) note({ askedAt: serverNow() });
        const settings = settingsOf(role);
        const request = {
          DomainName: wish.domain,
          AuthMode: "IAM" as const,
          DefaultUserSettings: settings,
          DefaultSpaceSettings: settings,
        };
        note({ domainId: await takeDomain(request, now.askedAt) });
      },
    },
    { text: "Bucket for its files", run: () => makeBucket(bucket(), wish.region, arn()) },
    {
      text: "Policy that keeps it to itself",
      run: async () => {
        await putPolicy(
          RoleName,
          TIGHT,
          tightPolicy({ ...wish, roleArn: role, domainId: now.domainId }, bucket()),
        );
      },
    },
    {
      text: `User profile ${wish.person}`,
      run: () => takePerson(now.domainId, wish.person),
    },
  ];
}

function settingsOf(ExecutionRole: string) {
  const sizes = { DefaultEbsVolumeSizeInGb: 5, MaximumEbsVolumeSizeInGb: 100 };
  return { ExecutionRole, SpaceStorageSettings: { DefaultEbsStorageSettings: sizes } };
}
