// Where one comes when nobody said where to go: the administrators' list of domains, or, for who
// has a profile of their own or may not list domains, their own page.
import { ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import { Navigate } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { useIdentity } from "~/session/useSession";
import { Loading } from "~/views/Loading";
import { useMine } from "./mine";

const DOMAINS = "/domains";
const HOME = "/home";

export default function Landing() {
  const { arn } = useIdentity();
  return arn.endsWith(":root") ? <Navigate to={DOMAINS} replace /> : <Choice />;
}

function Choice() {
  const mine = useMine();
  const domains = useCall(sagemaker, ListDomainsCommand, { MaxResults: 1 });
  if (mine.data?.profiles.length) return <Navigate to={HOME} replace />;
  const isKnown = mine.at > 0 || mine.problem;
  if (!isKnown || (!domains.at && !domains.problem)) return <Loading what="your page" />;
  return <Navigate to={domains.problem ? HOME : DOMAINS} replace />;
}
