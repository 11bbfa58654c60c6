// SageMaker's rule for names of domains, profiles and spaces, said before the API has to.

const NAME = /^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$/;

/** Why a name is not one; "" if it is. Source: API reference, CreateUserProfile. */
export function nameTrouble(name: string): string {
  if (!name) return "Enter a name.";
  if (name.length > 63) return "A name has at most 63 characters.";
  return NAME.test(name) ? "" : "Letters, digits and hyphens; neither first nor last a hyphen.";
}
