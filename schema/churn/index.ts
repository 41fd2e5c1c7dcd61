import './churn-backtest.ts';
import './churn-model-changes.ts';
import './churn-risk-flagged.ts';
import './lifetime-value.ts';
import './risk.ts';
import './risk-clause.ts';
import './risk-sorts.ts';
import './subscription-risk.ts';
