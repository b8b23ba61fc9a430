ALTER TABLE "credentials_tokens" ADD COLUMN "told_days" integer;--> statement-breakpoint
ALTER TABLE "platform_seen" ADD COLUMN "told_at" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "first_live_at" bigint;--> statement-breakpoint
UPDATE "platforms" SET "first_live_at" = "created_at" WHERE "status" <> 'PLANNED';
