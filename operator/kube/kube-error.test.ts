import { describe, expect, it } from 'vitest';
import { errorOfResponse } from './kube-error.ts';

const body = (reason: string) => JSON.stringify({ kind: 'Status', reason, message: 'why' });

describe('errorOfResponse()', () => {
  it.each([
    [404, 'NotFound', 'NotFound'],
    [409, 'AlreadyExists', 'AlreadyExists'],
    [409, 'Conflict', 'Conflict'],
    [410, 'Expired', 'Gone'],
    [401, 'Unauthorized', 'Refused'],
    [403, 'Forbidden', 'Refused'],
    [422, 'Invalid', 'Invalid'],
    [429, 'TooManyRequests', 'TooManyRequests'],
    [500, 'InternalError', 'Unavailable'],
    [503, 'ServiceUnavailable', 'Unavailable'],
  ])('translates %i %s to %s', (status, reason, kind) => {
    expect(errorOfResponse('get it', status, body(reason)).kind).toBe(kind);
  });

  it('says what was tried and what the server answered', () => {
    expect(errorOfResponse('get node a', 404, body('NotFound')).message).toBe('Cannot get node a: 404 why');
  });

  it('keeps the time that the server asks for', () => {
    expect(errorOfResponse('get it', 429, '', '2').retryAfterMs).toBe(2000);
  });

  it('survives a body that is no Status', () => {
    expect(errorOfResponse('get it', 502, '<html>').message).toBe('Cannot get it: 502 <html>');
  });
});
