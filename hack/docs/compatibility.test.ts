import { describe, expect, it } from 'vitest';
import { compatibilityPage } from './compatibility.ts';

const page = compatibilityPage([
  { shape: 'schema 2 | kind', outcomes: { '1.7': 'block', '2.3': 'drop-in' } },
  { shape: 'schema 4', outcomes: { '1.7': 'ConfigBroken: Cannot use it.', '2.3': 'drop-in' } },
  { shape: 'CRI off', outcomes: { '1.7': 'ConfigBroken: Cannot use it.', '2.3': 'CriDisabled: Cannot use it: off.' } },
]);

describe('compatibilityPage()', () => {
  it('has a row per kind of file and a column per line, and numbers refusals once each', () => {
    expect(page).toContain(`\
| root file | 1.7 | 2.3 |
| --- | --- | --- |
| schema 2 \\| kind | block | drop-in |
| schema 4 | 1 | drop-in |
| CRI off | 1 | 2 |

1. \`ConfigBroken\`: Cannot use it.
2. \`CriDisabled\`: Cannot use it: off.
`);
  });

  it.each(['CRI-O', 'Docker Engine', 'Distributions'])('has a section on %s', (title) => {
    expect(page).toMatch(new RegExp(`^## ${title}\n\n.+\n\n\\|`, 'm'));
  });
});
