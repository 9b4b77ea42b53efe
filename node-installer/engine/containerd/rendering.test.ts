import { describe, expect, it } from 'vitest';
import { isRenderingOf, isStub } from './rendering.ts';

const base = '{{ template "base" . }}';

describe('isRenderingOf()', () => {
  it.each([
    ['nothing but the base', 'version = 3\n', base, true],
    ['text around the base', 'a = 1\n\nversion = 3\n\n[b]\n', `a = 1\n\n{{- template "base" . -}}\n[b]\n`, true],
    ['a line that is not in the root', 'version = 3\n', `a = 1\n${base}`, false],
    ['a table that is not in the root', 'version = 3\n[b]\n', `${base}\n[c]\n`, false],
    ['a whole config', 'version = 3\n', 'version = 3', true],
    ['variables', 'a = "x"\nb = "/y/z"\n', 'a = "${A}"\nb = "${B_C}/z"\n', true],
    ['another line beside variables', 'a = "x"\nb = 1\n', 'a = "${A}"\nb = 2\n', false],
    ['another whole config', 'version = 3\n', 'version = 3\n[a]\n', false],
    ['other actions', 'version = 3\n', `{{ if .X }}a = 1{{ end }}${base}`, undefined],
    ['the base twice', 'version = 3\n', `${base}${base}`, undefined],
    ['the same line before and after a base that is not there', 'a = 1\n', `a = 1\n${base}\na = 1\n`, false],
  ])('for %s', (_, root, template, expected) => {
    expect(isRenderingOf(root, template)).toBe(expected);
  });
});

describe('isStub()', () => {
  it.each([
    ['imports and a version alone', 'imports = ["/etc/containerd/conf.d/*.toml"]\nversion = 3\n', true],
    ['the base', `version = 3\n${base}`, false],
    ['settings of plugins', 'version = 3\n[plugins.x]\na = 1\n', false],
    ['no TOML', 'version = [', false],
  ])('for %s', (_, template, expected) => {
    expect(isStub(template)).toBe(expected);
  });
});
