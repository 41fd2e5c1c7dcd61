import './api-keys.ts';
import './workspace.ts';
