-- The token of a kernel's unit, sealed: a unit that is started again after a crash is given the same.
ALTER TABLE notebook_kernels ADD COLUMN sealed_token TEXT;
