-- A platform that was put back from a backup may not know every task any more. In the transaction that notices it, all tasks
-- get revision 0; what it tells again has a revision, and the rest goes when it has told everything.

CREATE INDEX task_doubted ON task (doc) WHERE revision = 0;
