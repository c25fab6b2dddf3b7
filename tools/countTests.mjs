// A reporter for node --test that writes only { passed, failed, skipped, broken }: suites are not counted, their tests
// are; `broken` lists the files in which something failed.
export default async function* countTests(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const broken = new Set();
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (type === 'test:fail') {
      counts.failed += data.details?.type === 'suite' ? 0 : 1;
      broken.add(data.file ?? data.name);
    } else if (data.skip !== undefined) counts.skipped += 1;
    else if (data.details?.type !== 'suite') counts.passed += 1;
  }
  yield JSON.stringify({ ...counts, broken: [...broken] });
}
