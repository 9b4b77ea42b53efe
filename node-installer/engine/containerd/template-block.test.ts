import { describe, expect, it } from 'vitest';
import { parseToml } from '../toml.ts';
import { removeBlock } from './managed-block.ts';
import { predictRoot, setTemplateBlock } from './template-block.ts';

const template = '{{ template "base" . }}\n\n[debug]\n  level = "info"';
const root = 'version = 3\n\n[debug]\n  level = "info"';
const tables = '\n[a.b]\nc = 1\n';

describe('setTemplateBlock()', () => {
  it('is undone to the byte', () => {
    const one = setTemplateBlock(template, 'kata', tables);
    expect(setTemplateBlock(one, 'kata', tables)).toBe(one);
    const two = setTemplateBlock(one, 'kata-qemu', tables);
    expect(removeBlock(two, 'SandboxRuntime kata-qemu')).toBe(one);
    expect(removeBlock(one, 'SandboxRuntime kata')).toBe(template);
  });

  it('has nothing that a template takes for its own, and means the same', () => {
    const text = setTemplateBlock('', 'a', `[x]\ny = ${JSON.stringify('{{ .Secret }} ${SNAP} {{{')}\n`);
    expect(text).not.toMatch(/\{\{|\$\{/);
    expect(parseToml(text)).toEqual({ x: { y: '{{ .Secret }} ${SNAP} {{{' } });
  });
});

describe('predictRoot()', () => {
  it('is what a renderer makes of the template, also of one with blocks before', () => {
    const before = setTemplateBlock(setTemplateBlock(template, 'a', tables), 'b', tables.replace('a.b', 'b.b'));
    const after = setTemplateBlock(removeBlock(before, 'SandboxRuntime a'), 'b', '[b.b]\nc = 2\n');
    const render = (text: string) => text.replace('{{ template "base" . }}', 'version = 3');
    expect(predictRoot(render(template), before)).toBe(render(before));
    expect(parseToml(predictRoot(render(before), after))).toEqual(parseToml(render(after)));
    expect(predictRoot(render(before), template)).toBe(root);
  });
});
