CREATE TABLE "credentials_told" (
	"platform_id" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credentials_told" ADD CONSTRAINT "credentials_told_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;