import './task.ts';
import './tasks.ts';
import './services.ts';
