// /console/objects?uri=s3://bucket/prefix/: what lies at a place in S3, folder by folder; each
// object can be downloaded by whoever may read it.
import { useSearchParams } from "react-router";
import { useGathered } from "~/aws/useCall";
import { ListObjectsV2Command, type ObjectFound, s3 } from "~/aws/wire/s3";
import { bytes } from "~/format/amounts";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { When } from "~/parts/When";
import { folderOf, placeOf, uriOf } from "~/s3/place";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { Download } from "./Download";

interface Row {
  name: string;
  uri: string;
  object?: ObjectFound;
}

const OBJECTS_MAX = 10_000; // ten pages: more is read by the aws CLI

export default function Objects() {
  const [query] = useSearchParams();
  const uri = query.get("uri") ?? "";
  const { bucket, key } = placeOf(uri) ?? { bucket: "", key: "" };
  useBreadcrumbs([{ text: "Objects in S3" }, { text: bucket || "Nowhere" }]);
  // What is no folder may be an object, or the beginning of names: S3's prefix tells.
  const found = useGathered(`s3 objects ${uri}`, (signal) => look(bucket, key, signal));
  const above = folderOf(key.replace(/\/$/, ""));
  return (
    <DataTable<Row>
      id="objects"
      title="Objects in S3"
      headingTag="h1"
      nouns={["object", "objects"]}
      description={<Copy text={uri} what="The place" />}
      of={found}
      rowId={(row) => row.uri}
      columns={columnsOf(bucket)}
      actions={
        key && (
          <InnerButton
            to={`/objects?uri=${encodeURIComponent(uriOf({ bucket, key: above }))}`}
            iconName="angle-up"
          >
            Folder above
          </InnerButton>
        )
      }
      empty={
        <Empty title="Nothing lies here">
          No object's name begins so. A job writes its output here when it ends.
        </Empty>
      }
    />
  );
}

async function look(bucket: string, key: string, signal: AbortSignal): Promise<Row[]> {
  if (!bucket) throw new Error("The address names no place: give ?uri=s3://bucket/prefix/.");
  const rows: Row[] = [];
  const folder = folderOf(key);
  let token: string | undefined;
  do {
    const answer = await s3.send(
      ListObjectsV2Command,
      { Bucket: bucket, Prefix: key, ...(token ? { ContinuationToken: token } : {}) },
      signal,
    );
    for (const prefix of answer.CommonPrefixes) {
      rows.push({ name: prefix.slice(folder.length), uri: uriOf({ bucket, key: prefix }) });
    }
    for (const object of answer.Contents) {
      const name = object.Key.slice(folder.length) || object.Key;
      rows.push({ name, uri: uriOf({ bucket, key: object.Key }), object });
    }
    token = answer.NextContinuationToken;
  } while (token && rows.length < OBJECTS_MAX);
  return rows;
}

function columnsOf(bucket: string): Column<Row>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 260,
      value: (row) => row.name,
      cell: (row) =>
        row.object ? (
          <span className="break">{row.name}</span>
        ) : (
          <InnerLink to={`/objects?uri=${encodeURIComponent(row.uri)}`}>{row.name}</InnerLink>
        ),
    },
    {
      id: "size",
      header: "Size",
      minWidth: 110,
      value: (row) => row.object?.Size,
      cell: (row) => (row.object ? bytes(row.object.Size) : "-"),
    },
    {
      id: "modified",
      header: "Last modified",
      minWidth: 140,
      value: (row) => row.object?.LastModified.getTime(),
      cell: (row) => <When at={row.object?.LastModified} />,
    },
    {
      id: "download",
      header: "Download",
      minWidth: 130,
      cell: (row) => (row.object ? <Download bucket={bucket} objectKey={row.object.Key} /> : "-"),
    },
  ];
}
