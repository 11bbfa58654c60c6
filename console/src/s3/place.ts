// A place in S3, `s3://bucket/key`, taken apart.

export interface Place {
  bucket: string;
  /** A key, or a prefix that ends with a slash; "" for the whole bucket. */
  key: string;
}

/** Undefined for what is no place in S3, such as an image's name. */
export function placeOf(uri: string | undefined): Place | undefined {
  const found = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri ?? "");
  return found?.[1] ? { bucket: found[1], key: found[2] ?? "" } : undefined;
}

export const uriOf = ({ bucket, key }: Place): string => `s3://${bucket}/${key}`;

/** The folder that a key lies in; a prefix is its own. */
export const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);
