ALTER TABLE notebook_kernels ADD COLUMN memo TEXT;
