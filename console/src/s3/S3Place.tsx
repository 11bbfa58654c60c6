// A place in S3 as a link to the page that shows what lies there, and a copy of its URI.
import { Copy } from "~/parts/Copy";
import { InnerLink } from "~/parts/InnerLink";
import { placeOf } from "./place";

export function S3Place({ uri, what }: { uri: string | undefined; what: string }) {
  if (!uri) return <>-</>;
  if (!placeOf(uri)) return <Copy text={uri} what={what} />;
  return (
    <Copy
      text={uri}
      what={what}
      shown={
        <InnerLink to={`/objects?uri=${encodeURIComponent(uri)}`}>
          <span className="break">{uri}</span>
        </InnerLink>
      }
    />
  );
}
