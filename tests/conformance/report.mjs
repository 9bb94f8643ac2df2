/** Prints what failed and the sum; true where everything passed and nothing was left out. */
export function report(title, results, expected) {
  for (const { name, ok, found } of results) {
    if (!ok) console.log(`FAIL ${title}: ${name}\n     found ${JSON.stringify(found)}`);
  }
  const passed = results.filter((result) => result.ok).length;
  console.log(`${title}: ${passed} of ${results.length} passed`);
  return passed === results.length && results.length === expected;
}
