ALTER TABLE "parties" ADD COLUMN "moved_from" text;--> statement-breakpoint
ALTER TABLE "parties" ADD COLUMN "moved_at" bigint;--> statement-breakpoint
ALTER TABLE "parties" ADD COLUMN "moved_revision" bigint;