// What is said of an engine that was asked and has not answered in time.
import type { CriAnswer } from '../host/host.ts';

export function lateAnswer(timeoutMs: number): CriAnswer {
  return { kind: 'Silent', why: `it has not answered within ${timeoutMs / 1000} s`, isLate: true };
}
