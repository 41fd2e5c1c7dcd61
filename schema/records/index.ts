import './event-effect.ts';
