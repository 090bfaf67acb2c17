-- A cell acts as whoever ran it, as far as the token goes with which it was asked for (JSON; everything when NULL). The token
-- for that is made when the run begins, and no longer kept here.
ALTER TABLE notebook_runs ADD COLUMN scopes TEXT;
ALTER TABLE notebook_kernels DROP COLUMN sealed_token;
