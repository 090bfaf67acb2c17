CREATE TABLE projects (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, description TEXT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, archived_at BIGINT,
  max_running BIGINT, max_queued BIGINT, cpu_millis BIGINT, memory_mb BIGINT, storage_mb BIGINT,
  -- Updated, and so locked, by every change of members.
  revision BIGINT NOT NULL);

-- Three accounts per project: what it has (prepaid), where top-ups come from (external), what it has spent
-- (revenue). Cached sums of the journal below; the journal is the truth.
CREATE TABLE ledger_accounts (
  id TEXT PRIMARY KEY, project_id TEXT NOT NULL, kind TEXT NOT NULL,
  debits_posted BIGINT NOT NULL CHECK (debits_posted >= 0),
  credits_posted BIGINT NOT NULL CHECK (credits_posted >= 0),
  debits_pending BIGINT NOT NULL CHECK (debits_pending >= 0),
  credits_pending BIGINT NOT NULL CHECK (credits_pending >= 0),
  opened_at BIGINT NOT NULL,
  CHECK (kind <> 'prepaid' OR credits_posted - debits_posted - debits_pending >= 0));
CREATE UNIQUE INDEX ledger_accounts_project ON ledger_accounts (project_id, kind);

-- The journal: rows are added, never changed. The key makes every step happen at most once:
-- hold:PROCESS:VERSION:ATTEMPT, end:… (debit, release or expire of it), rest:… (release after a debit).
CREATE TABLE ledger_transfers (
  id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, kind TEXT NOT NULL,
  hold_id TEXT, debit_account TEXT NOT NULL, credit_account TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount >= 0),
  process_id TEXT, version BIGINT, attempt BIGINT, note TEXT, meter TEXT,
  actor_id TEXT NOT NULL, effective_at BIGINT NOT NULL, recorded_at BIGINT NOT NULL,
  CHECK (effective_at <= recorded_at));
CREATE INDEX ledger_transfers_project ON ledger_transfers (project_id, id);
CREATE INDEX ledger_transfers_hold ON ledger_transfers (hold_id);

-- Price lists that were used; a used one never changes.
CREATE TABLE price_lists (name TEXT PRIMARY KEY, rates TEXT NOT NULL, pinned_at BIGINT NOT NULL)
