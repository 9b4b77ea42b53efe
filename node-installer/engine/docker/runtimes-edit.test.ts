import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDaemonJson } from './daemon-json.ts';
import { dropEmptyRuntimes, editRuntimes, newDaemonJson } from './runtimes-edit.ts';

const tiny = { path: '/opt/bulkhead/tiny/1/runsc' };
const add = (text: string, set: Record<string, object> = { tiny }) =>
  editRuntimes(text, { set: set as Record<string, typeof tiny>, drop: [] });

describe('editRuntimes()', () => {
  it.each([
    [
      'a key of its own after the last one, indented as that is',
      '{\n    "log-driver": "local",\n    "debug":true\n}\n',
      '{\n    "log-driver": "local",\n    "debug":true,\n    "runtimes": {\n        "tiny": { "path": "/opt/bulkhead/tiny/1/runsc" }\n    }\n}\n',
    ],
    [
      'an entry after the last one',
      '{\r\n\t"runtimes": {\r\n\t\t"nvidia": {"path": "/x", "runtimeArgs": []}\r\n\t}\r\n}',
      '{\r\n\t"runtimes": {\r\n\t\t"nvidia": {"path": "/x", "runtimeArgs": []},\r\n\t\t"tiny": { "path": "/opt/bulkhead/tiny/1/runsc" }\r\n\t}\r\n}',
    ],
    [
      'a file on one line',
      '{"a":[1,{"runtimes":"}"}]}',
      '{"a":[1,{"runtimes":"}"}],"runtimes": { "tiny": { "path": "/opt/bulkhead/tiny/1/runsc" } }}',
    ],
    ['an empty object', '{}', '{"runtimes": { "tiny": { "path": "/opt/bulkhead/tiny/1/runsc" } }}'],
    [
      'a byte order mark',
      '\uFEFF{"runtimes": { }}',
      '\uFEFF{"runtimes": {"tiny": { "path": "/opt/bulkhead/tiny/1/runsc" } }}',
    ],
  ])('adds to %s', (_, before, after) => {
    expect(add(before)).toBe(after);
  });

  it('changes an entry where it stands, and leaves one that is right', () => {
    const text = '{ "runtimes": { "tiny": {"path":"/old"}, "x": {} } }';
    const changed = '{ "runtimes": { "tiny": { "path": "/opt/bulkhead/tiny/1/runsc" }, "x": {} } }';
    expect(add(text)).toBe(changed);
    expect(add(changed)).toBe(changed);
    expect(add('{"runtimes":{"tiny":{"path":"/opt/bulkhead/tiny/1/runsc"}}}')).toBe(
      '{"runtimes":{"tiny":{"path":"/opt/bulkhead/tiny/1/runsc"}}}',
    );
  });

  it('takes out an entry wherever somebody has put others', () => {
    const drop = (text: string) => editRuntimes(text, { set: {}, drop: ['tiny'] });
    expect(drop('{ "runtimes": {\n  "tiny": {},\n  "x": {}\n} }')).toBe('{ "runtimes": {\n  "x": {}\n} }');
    expect(drop('{ "runtimes": {\n  "x": {},\n  "tiny": {},\n  "y": {}\n} }')).toBe(
      '{ "runtimes": {\n  "x": {},\n  "y": {}\n} }',
    );
  });

  it('throws rather than write what it did not mean', () => {
    expect(() => add('{"runtimes": {"tiny": {}, "tiny": {}}}')).toThrow('does not parse to the intended change');
  });
});

describe('newDaemonJson()', () => {
  it('is what Docker’s own examples look like', () => {
    expect(newDaemonJson({ tiny })).toBe(
      '{\n  "runtimes": {\n    "tiny": { "path": "/opt/bulkhead/tiny/1/runsc" }\n  }\n}\n',
    );
  });
});

/** Settings of all kinds, written in all ways. */
const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((name) => !name.startsWith('own'));
const value = fc.jsonValue({ maxDepth: 2 });
const settings = fc.dictionary(
  fc.string().filter((key) => key !== 'runtimes'),
  value,
);
const file = fc
  .tuple(
    settings,
    fc.option(fc.dictionary(names, fc.dictionary(names, value)), { nil: undefined }),
    settings,
    fc.constantFrom(0, 1, 2, 4, '\t'),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\uFEFF', ' \n'),
    fc.constantFrom('', '\n', ' \n\n'),
  )
  .map(([before, runtimes, after, indent, lineEnd, start, end]) => {
    const config = { ...before, ...(runtimes ? { runtimes } : {}), ...after };
    return start + JSON.stringify(config, null, indent).replaceAll('\n', lineEnd) + end;
  });
const runtime = fc.record({ path: fc.string(), runtimeArgs: fc.array(fc.string()) });
const own = fc.dictionary(
  names.map((name) => `own-${name}`),
  runtime,
  { minKeys: 1, maxKeys: 3 },
);

function runtimesOf(text: string) {
  const reading = readDaemonJson(new TextEncoder().encode(text));
  return reading.kind === 'Read' ? reading.config.runtimes : undefined;
}

describe('the laws of the edit', () => {
  it('dropping what was set gives every byte back', () => {
    fc.assert(
      fc.property(file, own, (text, set) => {
        const had = runtimesOf(text);
        const added = editRuntimes(text, { set, drop: [] });
        const dropped = editRuntimes(added, { set: {}, drop: Object.keys(set) });
        expect(had ? dropped : dropEmptyRuntimes(dropped)).toBe(text);
      }),
    );
  });

  it('what is set parses to exactly that beside what was there, and setting it again changes nothing', () => {
    fc.assert(
      fc.property(file, own, (text, set) => {
        const added = editRuntimes(text, { set, drop: [] });
        expect(runtimesOf(added)).toEqual({ ...runtimesOf(text), ...set });
        expect(editRuntimes(added, { set, drop: [] })).toBe(added);
      }),
    );
  });

  it('two owners come and go in any order', () => {
    fc.assert(
      fc.property(file, own, runtime, fc.boolean(), (text, first, other, firstGoesFirst) => {
        const second = { 'other-one': other };
        const both = editRuntimes(editRuntimes(text, { set: first, drop: [] }), { set: second, drop: [] });
        const order = firstGoesFirst ? [first, second] : [second, first];
        const left = order.reduce((now, set) => editRuntimes(now, { set: {}, drop: Object.keys(set) }), both);
        expect(runtimesOf(text) ? left : dropEmptyRuntimes(left)).toBe(text);
      }),
    );
  });
});
