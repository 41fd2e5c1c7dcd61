import './member.ts';
import './owner.ts';
import './team.ts';
