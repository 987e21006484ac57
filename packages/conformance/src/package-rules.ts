import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, WorkspacePackage } from "./repository.js";

/** What a package lacks. `root` is the folder that `folder` is relative to. */
export function checkPackage(root: string, { folder, manifest }: WorkspacePackage): string[] {
  const problems: string[] = [];
  const need = (holds: boolean, what: string): void => {
    if (!holds) problems.push(`${folder}: ${what}`);
  };
  need(manifest.license === "MIT", "license is not MIT");
  need((manifest.description ?? "").length > 10, "has no description");
  need(manifest.engines?.node === ">=20.19", "engines.node is not >=20.19");
  if (manifest.private === true) return problems;
  need(existsSync(join(root, folder, "README.md")), "has no README.md");
  need(manifest.exports?.["."] !== undefined, "exports nothing under its own name");
  for (const [name, conditions] of Object.entries(manifest.exports ?? {})) {
    need(Object.keys(conditions)[0] === "types", `the types of export ${name} do not come first`);
    for (const target of Object.values(conditions)) {
      need(existsSync(join(root, folder, target)), `export ${name} leads to ${target}, which is not there`);
    }
  }
  return problems;
}

/** Packages of one repository are released together: one version, and dependencies on each other of exactly that. */
export function checkVersions(manifests: readonly (Manifest & { readonly version?: string })[]): string[] {
  const versions = new Map(manifests.map((manifest) => [manifest.name, manifest.version]));
  return manifests.flatMap((manifest) => {
    const dependencies = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    return dependencies
      .filter(([name, range]) => versions.has(name) && versions.get(name) !== range)
      .map(([name, range]) => `${manifest.name}: depends on ${name} ${range}, which is ${versions.get(name)}`);
  });
}
