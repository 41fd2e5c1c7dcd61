import fc from 'fast-check';

// A property over a database takes minutes to shrink. It fails at its first counterexample instead, which states the
// seed and the path; `STAGELINE_SHRINK=on` shrinks.
fc.configureGlobal({ endOnFailure: process.env['STAGELINE_SHRINK'] !== 'on' });
