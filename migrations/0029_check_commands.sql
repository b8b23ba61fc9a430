CREATE TABLE "check_commands" (
	"id" text PRIMARY KEY NOT NULL,
	"platform_id" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"result" text
);
--> statement-breakpoint
ALTER TABLE "check_commands" ADD CONSTRAINT "check_commands_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;