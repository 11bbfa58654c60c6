// Whether this install sends mail: the operator names a server by `freehold up --smtp`, or none.
export const sendsMail = (): boolean =>
  document.querySelector<HTMLMetaElement>('meta[name="freehold-mail"]')?.content === "yes";

export const NO_MAIL =
  "No mail goes out: this install names no mail server (freehold up --smtp). The alert stands here, on the home pages of those concerned, and in Activity.";
