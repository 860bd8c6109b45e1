// Reads a list of documents, compares the first with each of the others, and writes what api-smart-diff says of each.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

const { apiCompare } = createRequire(`${process.cwd()}/`)("api-smart-diff")
const [old, ...others] = JSON.parse(readFileSync(0, "utf-8"))
const told = ({ path, type }) => ({ path, type })
// It changes what it is given, so each comparison gets a copy.
console.log(JSON.stringify(others.map((other) => apiCompare(structuredClone(old), other).diffs.map(told))))
