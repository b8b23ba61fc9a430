ALTER TABLE "push_missed" ADD COLUMN "party" text;--> statement-breakpoint
ALTER TABLE "departed_roles" ADD COLUMN "platform_id" text;--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "platform_id" text;--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "moved_from" text;--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "moved_at" bigint;--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "moved_revision" bigint;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "endpoint_overrides" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
UPDATE "party_roles" SET "platform_id" = "parties"."platform_id", "moved_from" = "parties"."moved_from", "moved_at" = "parties"."moved_at", "moved_revision" = "parties"."moved_revision" FROM "parties" WHERE "parties"."key" = "party_key";--> statement-breakpoint
UPDATE "departed_roles" SET "platform_id" = "parties"."platform_id" FROM "parties" WHERE "parties"."key" = "party_key";--> statement-breakpoint
DELETE FROM "parties" WHERE NOT EXISTS (SELECT FROM "party_roles" WHERE "party_key" = "key");--> statement-breakpoint
ALTER TABLE "party_roles" ALTER COLUMN "platform_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "party_roles" ADD CONSTRAINT "party_roles_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "party_roles_platform" ON "party_roles" USING btree ("platform_id");--> statement-breakpoint
ALTER TABLE "parties" DROP CONSTRAINT "parties_platform_id_platforms_id_fk";--> statement-breakpoint
DROP INDEX "parties_platform";--> statement-breakpoint
ALTER TABLE "parties" DROP COLUMN "platform_id";--> statement-breakpoint
ALTER TABLE "parties" DROP COLUMN "moved_from";--> statement-breakpoint
ALTER TABLE "parties" DROP COLUMN "moved_at";--> statement-breakpoint
ALTER TABLE "parties" DROP COLUMN "moved_revision";
